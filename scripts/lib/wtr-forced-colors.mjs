/** `force-colors`: has a test page drawn in the system's colours, or in its own again. Says whether it can. */
export function forcedColors() {
  return {
    name: 'forced-colors',
    async executeCommand({command, payload, session}) {
      if (command !== 'force-colors') {
        return undefined;
      }
      const page = session.browser.getPage(session.id);
      try {
        const client = await page.createCDPSession();
        const features = [{name: 'forced-colors', value: payload ? 'active' : 'none'}];
        await client.send('Emulation.setEmulatedMedia', {features});
        return true;
      } catch {
        // Firefox has no such word.
        return false;
      }
    },
  };
}
