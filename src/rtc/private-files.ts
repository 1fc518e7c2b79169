/** Whether pages can write to the origin private file system (https://fs.spec.whatwg.org) as they go. */
export function hasPrivateFiles(): boolean {
  return (
    'locks' in navigator &&
    'FileSystemFileHandle' in globalThis &&
    'createWritable' in FileSystemFileHandle.prototype
  );
}

/** Takes a lock (https://w3c.github.io/web-locks/) that the browser gives back when the page is gone. */
export function hold(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, () => new Promise<void>((release) => resolve(release)))
      .catch(reject);
  });
}
