// Paths for the tests that run in a browser.
import {startPaths} from './paths.mjs';

/** /__path/open, then /__path/{cut,heal,loss,delay,rebind,close}?id=…&value=… */
export function paths() {
  let running;
  return {
    name: 'paths',
    serverStart() {
      running = startPaths();
    },
    async serverStop() {
      await running.stop();
    },
    async serve({path, query}) {
      const [, place, word] = path.split('/');
      if (place !== '__path') {
        return undefined;
      }
      const answer = (await running[word](query.id, Number(query.value))) ?? {};
      return {
        body: JSON.stringify(answer),
        type: 'json',
        headers: {'cache-control': 'no-store'},
      };
    },
  };
}
