export function createSocket() {
  throw new Error('Unix datagrams are left out: use a WebSocket.');
}
