/** Injection tokens: interfaces and values have no run-time name of their own. */
export const STORE = Symbol('aftercall.store');
export const ADMIN_API = Symbol('aftercall.admin-api');
