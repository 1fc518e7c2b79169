// Counts the tests of a run of @web/test-runner for the summary of `npm test`.
import {mkdirSync, writeFileSync} from 'node:fs';

const testsOf = ({name = '', tests = [], suites = []} = {}) => [
  ...tests.map((test) => ({...test, name: `${name} ${test.name}`.trim()})),
  ...suites.flatMap(testsOf),
];
const isFailure = (test) => !test.passed && !test.skipped;

/** A file that does not load counts as one failed test, so that it cannot go unnoticed. */
function count(sessions) {
  const tests = sessions.flatMap((session) => testsOf(session.testResults));
  const broken = sessions.filter((session) => {
    return !session.passed && !testsOf(session.testResults).some(isFailure);
  });
  return {
    passed: tests.filter((test) => test.passed && !test.skipped).length,
    failed: tests.filter(isFailure).length + broken.length,
    skipped: sessions.flatMap((session) =>
      testsOf(session.testResults)
        .filter((test) => test.skipped)
        .map(({name}) => `${session.browser.name}: ${name}`),
    ),
    failures: sessions.flatMap((session) =>
      testsOf(session.testResults)
        .filter(isFailure)
        .map(({name, error}) => `${session.browser.name}: ${name}: ${error?.message ?? ''}`)
        .concat(broken.includes(session) ? [`${session.browser.name}: ${session.testFile}`] : []),
    ),
  };
}

/** Writes `{passed, failed, failures, skipped}` to the file named by TOTALS, if any. */
export const totalsReporter = () => ({
  onTestRunFinished({sessions}) {
    if (process.env.TOTALS) {
      mkdirSync(new URL('.', process.env.TOTALS), {recursive: true});
      writeFileSync(new URL(process.env.TOTALS), JSON.stringify(count(sessions)));
    }
  },
});
