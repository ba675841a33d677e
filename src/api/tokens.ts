/** Injection token of the {@link Store}: an interface has no run-time name of its own. */
export const STORE = Symbol('aftercall.store');
