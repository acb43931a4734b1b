/** The filter_id of rows of all clicks; those of a registered filter have its id and revision. */
export const ALL_CLICKS_ROWS = 0;
