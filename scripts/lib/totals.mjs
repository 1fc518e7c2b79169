// Counts the tests of a run of @web/test-runner for the summary of `npm test`.
import {mkdirSync, writeFileSync} from 'node:fs';

const testsOf = ({tests = [], suites = []} = {}) => [...tests, ...suites.flatMap(testsOf)];

/** A file that does not load counts as one failed test, so that it cannot go unnoticed. */
function count(sessions) {
  const tests = sessions.flatMap((session) => testsOf(session.testResults));
  const broken = sessions.filter((session) => {
    const failures = testsOf(session.testResults).filter((test) => !test.passed && !test.skipped);
    return !session.passed && failures.length === 0;
  });
  return {
    passed: tests.filter((test) => test.passed && !test.skipped).length,
    failed: tests.filter((test) => !test.passed && !test.skipped).length + broken.length,
  };
}

/** Writes `{passed, failed}` to the file named by TOTALS, if any. */
export const totalsReporter = () => ({
  onTestRunFinished({sessions}) {
    if (process.env.TOTALS) {
      mkdirSync(new URL('.', process.env.TOTALS), {recursive: true});
      writeFileSync(new URL(process.env.TOTALS), JSON.stringify(count(sessions)));
    }
  },
});
