/** A message of the second queue as it is recorded when it could not be read. */
export const setAsideSample = (offset: number, partition = 0) => ({
  topic: 'ad-minutes',
  partition,
  offset,
  reason: 'no day',
  set_aside_at: '2021-01-01T00:00:00.000Z',
  size: 3,
  bytes: 'YWJj',
});
