// A reporter for node:test that writes nothing but `{passed, failed, failures, skipped}`.

/** A suite fails with its tests; only its own trouble (a broken hook, a file that does not load) counts. */
const counts = ({details}) =>
  details?.type !== 'suite' || details.error?.failureType === 'hookFailed';

export default async function* totals(events) {
  const seen = {passed: 0, failed: 0, failures: [], skipped: []};
  for await (const {type, data} of events) {
    const left = data?.skip !== undefined || data?.todo !== undefined;
    if (type === 'test:pass' && data.skip !== undefined) {
      seen.skipped.push(typeof data.skip === 'string' ? `${data.name}: ${data.skip}` : data.name);
    }
    if (type === 'test:pass' && !left && counts(data)) {
      seen.passed++;
    }
    if (type === 'test:fail' && !left && counts(data)) {
      // A file is reported as failed when a test in it failed; that one is counted already.
      const {failureType, cause} = data.details?.error ?? {};
      if (failureType !== 'subtestsFailed') {
        seen.failed++;
        seen.failures.push(`${data.name}: ${cause?.message ?? failureType}`);
      }
    }
  }
  yield JSON.stringify(seen);
}
