const DNS_CODE =
  /^(ENOTFOUND|ENODATA|EDNS|ESERVFAIL|EREFUSED|ETIMEOUT|EBADNAME|EBADRESP|EFORMERR|ENOTIMP|EAI_[A-Z]+)$/;
/** Node's and OpenSSL's names for trouble with certificates and handshakes. */
const TLS_CODE =
  /^(ETLS$|EPROTO$|ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;
/**
 * This machine's own trouble: no route, no name service, no local port, no descriptor, no memory. EHOSTUNREACH
 * is not among them (a router says it of one host), nor are EPERM and EACCES (a firewall rule about one host).
 */
const OFFLINE_CODE =
  /^(EAI_AGAIN|EAI_MEMORY|EAI_SYSTEM|ENETUNREACH|ENETDOWN|ENONET|EADDRNOTAVAIL|EMFILE|ENFILE|ENOBUFS|ENOMEM)$/;

/**
 * Which step of reaching a destination an error code stands for. Once bytes may have been sent, a network
 * that goes down is a connection that broke.
 */
export function networkFailure(code: string, sent: boolean): 'offline' | 'dns' | 'tls' | 'connection' {
  if (OFFLINE_CODE.test(code)) return sent ? 'connection' : 'offline';
  if (DNS_CODE.test(code)) return 'dns';
  return TLS_CODE.test(code) ? 'tls' : 'connection';
}

/**
 * The code of an error, also where several addresses were tried. One that was reached and refused says more
 * than one of a family that this machine has no route for.
 */
export function failureCode(error: unknown): string {
  const { code, errors, cause } = error as { code?: unknown; errors?: unknown; cause?: { errors?: unknown } };
  const several = errors ?? cause?.errors;
  const codes = (Array.isArray(several) ? several : []).map((one) =>
    String((one as { code?: unknown }).code),
  );
  return codes.find((one) => !OFFLINE_CODE.test(one)) ?? codes[0] ?? (typeof code === 'string' ? code : '');
}
