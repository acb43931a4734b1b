/** Of a record batch (version 2): where what its length counts begins, where what its checksum covers, and its records. */
export const [LENGTH_END, CHECKSUM_END, RECORDS_AT] = [12, 21, 61];
