const DNS_CODE = /^(ENOTFOUND|ENODATA|EDNS|EAI_[A-Z]+)$/;
/** Node's and OpenSSL's names for trouble with certificates and handshakes. */
const TLS_CODE =
  /^(ETLS$|EPROTO$|ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;

/** Which step of reaching a destination an error code stands for. */
export function networkFailure(code: string): 'dns' | 'tls' | 'connection' {
  if (DNS_CODE.test(code)) return 'dns';
  return TLS_CODE.test(code) ? 'tls' : 'connection';
}
