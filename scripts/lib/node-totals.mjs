// A reporter for node:test that writes nothing but `{passed, failed}`.

/** A suite fails with its tests; only its own trouble (a broken hook, a file that does not load) counts. */
const counts = ({details}) =>
  details?.type !== 'suite' || details.error?.failureType === 'hookFailed';

export default async function* totals(events) {
  const seen = {passed: 0, failed: 0};
  for await (const {type, data} of events) {
    const left = data?.skip !== undefined || data?.todo !== undefined;
    if (type === 'test:pass' && !left && counts(data)) {
      seen.passed++;
    }
    if (type === 'test:fail' && !left && counts(data)) {
      // A file is reported as failed when a test in it failed; that one is counted already.
      seen.failed += data.details?.error?.failureType === 'subtestsFailed' ? 0 : 1;
    }
  }
  yield JSON.stringify(seen);
}
