/** Codes of Node's net, dns and tls layers in words for a person. */
const words: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection closed before the answer was complete',
    EPIPE: 'connection closed before the answer was complete',
    UND_ERR_SOCKET: 'connection closed before the answer was complete',
    ETIMEDOUT: 'connection timed out',
    UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
    UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
    UND_ERR_BODY_TIMEOUT: 'the answer stopped half-way',
    EHOSTUNREACH: 'host unreachable',
    ENETUNREACH: 'network unreachable',
    ENOTFOUND: 'host name not found',
    EAI_AGAIN: 'no answer from DNS',
    CERT_HAS_EXPIRED: 'the TLS certificate has expired',
    CERT_NOT_YET_VALID: 'the TLS certificate is not valid yet',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'the TLS certificate is self-signed',
    SELF_SIGNED_CERT_IN_CHAIN: 'the TLS certificate comes from an authority that is not trusted here',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the TLS certificate comes from an authority that is not trusted here',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the TLS certificate comes without its intermediate certificates',
    ERR_TLS_CERT_ALTNAME_INVALID: 'the TLS certificate is for another host name',
    ERR_SSL_WRONG_VERSION_NUMBER: 'the port does not speak TLS',
  }),
);

/** Why a connection or request failed, in a few words. `fetch` hides the reason in `cause`; this looks there. */
export function connectionWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = words.get(code);
  if (known !== undefined) return known;
  if (code.startsWith('HPE_')) return 'the answer is not HTTP';
  if (error.cause !== undefined) return connectionWords(error.cause);
  return [error.message, code].find((text) => text !== '') ?? error.name;
}
