/** Why a text is no pattern, or one that cannot be matched in linear time. */
export class PatternError extends Error {}

/** Matching took longer than its budget: what the text holds is not known. */
export class PatternBudgetError extends Error {}
