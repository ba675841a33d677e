import { createAddressGuard } from './address-guard.js';
import { createHttpClient } from './guarded-http-client.js';
import { createMailClient } from './guarded-mail-client.js';
import { type HttpClient } from './http-client.js';
import { type MailClient } from './mail-client.js';
import { type OwnListener } from './own-listener.js';
import { type ProxySettings, readProxySettings } from './proxy-settings.js';
import { createHostResolver } from './resolve-host.js';

/** As the configuration has it. */
export interface EgressSettings {
  egressAllow: readonly string[];
  /** True: HTTP goes through the proxies that the environment names. */
  egressProxy: boolean;
}

/** Both doors out and the one guard behind them. */
export interface Egress {
  http: HttpClient;
  mail: MailClient;
  /** Puts a changed configuration in force; what is under way goes on. */
  apply(settings: EgressSettings): void;
  /** Where this server listens: never dialled. */
  setOwnListener(own: OwnListener | null): void;
  close(): void;
}

/**
 * Opens the doors. `onTrouble` hears of a proxy in the environment that cannot be used; until that is mended
 * HTTP deliveries wait as `offline`.
 */
export function createEgress(
  first: EgressSettings,
  env: NodeJS.ProcessEnv,
  onTrouble: (error: Error) => void,
): Egress {
  const resolve = createHostResolver();
  const guard = createAddressGuard(first.egressAllow, resolve);
  const http = createHttpClient(guard, resolve);
  const mail = createMailClient(guard);
  let throughProxy = false;
  const setProxy = (wanted: boolean) => {
    if (wanted === throughProxy) return;
    throughProxy = wanted;
    const settings = wanted ? readSettings(env) : null;
    if (settings instanceof Error) onTrouble(settings);
    http.setProxies(settings);
  };
  setProxy(first.egressProxy);
  return {
    http,
    mail,
    apply: ({ egressAllow, egressProxy }) => {
      guard.setAllowed(egressAllow);
      setProxy(egressProxy);
    },
    setOwnListener: (own) => guard.setOwnListener(own),
    close: () => {
      http.close();
      mail.close();
    },
  };
}

function readSettings(env: NodeJS.ProcessEnv): ProxySettings | Error {
  try {
    return readProxySettings(env);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
