import type { EngineName } from '../setup/engines.mjs';

/** Why an engine cannot be used as it is set. */
type Fault =
  | 'authority'
  | 'expired'
  | 'name'
  | 'client_certificate'
  | 'not_tls'
  | 'password'
  | 'right'
  | 'closed'
  | 'unreachable';

/** What waiting does not mend. */
export const isPermanent = (fault: Fault | null): boolean =>
  fault !== null && fault !== 'unreachable' && fault !== 'closed';

const CODES: Record<string, Fault> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'authority',
  UNABLE_TO_GET_ISSUER_CERT: 'authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'authority',
  CERT_SIGNATURE_FAILURE: 'authority',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'name',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'client_certificate',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'client_certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'client_certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'client_certificate',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not_tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not_tls',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  ECONNREFUSED: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'unreachable',
};

/** Some clients keep what the other end said, and not its code. */
const TEXTS: [RegExp, Fault][] = [
  [
    /self-signed certificate|unable to (verify the first|get( local)? issuer) certificate|certificate signature failure/i,
    'authority',
  ],
  [/certificate has expired|certificate is not yet valid/i, 'expired'],
  [/does not match certificate's altnames/i, 'name'],
  [/alert (certificate required|bad certificate|certificate unknown|unknown ca)/i, 'client_certificate'],
  [/wrong version number|packet length too long/i, 'not_tls'],
  [/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)\b/, 'unreachable'],
  // What a broker does with whoever does not speak as it expects.
  [/^Closed connection$/, 'closed'],
];

/** What the engines themselves answer, each in its own way. */
const ANSWERS: Record<EngineName, (error: Failure) => Fault | null> = {
  kafka: ({ name, type, message }) => {
    if (name === 'KafkaJSSASLAuthenticationError') return 'password';
    return /_AUTHORIZATION_FAILED$/.test(type ?? '') || /not authorized/i.test(message ?? '') ? 'right' : null;
  },
  // 516: authentication, 194: a password is required, 192: no such user, 497: not granted, 164: only reads.
  clickhouse: ({ code }) => {
    if (code === '516' || code === '194' || code === '192') return 'password';
    return code === '497' || code === '164' ? 'right' : null;
  },
  elasticsearch: ({ statusCode }) => (statusCode === 401 ? 'password' : statusCode === 403 ? 'right' : null),
  hive: ({ statusCode, message = '' }) => {
    if (statusCode === 401 || /Authentication error|Error validating (the )?login/i.test(message)) return 'password';
    return /HiveAccessControlException/.test(message) ? 'right' : null;
  },
};

interface Failure {
  name?: string;
  code?: string | number;
  type?: string;
  statusCode?: number;
  message?: string;
}

/** What is wrong, by the error or one that it comes from; null: nothing that a setting could be blamed for. */
export function faultOf(engine: EngineName, error: unknown): { fault: Fault; said: string } | null {
  for (const failure of chainOf(error)) {
    const fault = ANSWERS[engine](failure) ?? CODES[String(failure.code)] ?? inText(failure.message);
    if (fault !== null && fault !== undefined) return { fault, said: saidIn(failure) };
  }
  return null;
}

const inText = (message = ''): Fault | null => TEXTS.find(([pattern]) => pattern.test(message))?.[1] ?? null;

/** An error, what it has in it and what it comes from: the innermost knows best, so it comes first. */
function chainOf(error: unknown, depth = 0): Failure[] {
  if (typeof error !== 'object' || error === null || depth > 5) return [];
  const { cause, originalError, errors } = error as { cause?: unknown; originalError?: unknown; errors?: unknown };
  const inner = [cause, originalError, ...(Array.isArray(errors) ? errors : [])];
  return [...inner.flatMap((one) => chainOf(one, depth + 1)), error as Failure];
}

const MOST_SAID = 300;

/** On one line, and not longer than one would read. */
function saidIn({ message = '', type, code }: Failure): string {
  const text = message
    .replace(/\s+/g, ' ')
    .replace(/ ?\(version [\d.]+[^)]*\)/, '')
    // Elasticsearch's client names the kind of error twice before it says which.
    .replace(/^(\w+) Root causes: \1: /, '')
    .trim();
  if (text === '') return String(type ?? code ?? 'no reason given');
  // Which right is missing often comes last.
  return text.length <= MOST_SAID ? text : `${text.slice(0, MOST_SAID / 2)} … ${text.slice(-MOST_SAID / 2)}`;
}

/** The settings of an engine that a fault may lie in. */
interface SettingNames {
  title: string;
  address: string;
  authority: string;
  login: string;
  certificate: string;
  plain: string;
}

const NAMES: Record<EngineName, SettingNames> = {
  kafka: {
    title: 'Kafka',
    address: 'KAFKA_BROKERS',
    authority: 'KAFKA_SSL_CA_FILE',
    login: 'KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (or KAFKA_SASL_PASSWORD_FILE)',
    certificate: 'KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE',
    plain: 'leave KAFKA_SSL out',
  },
  clickhouse: {
    title: 'ClickHouse',
    address: 'CLICKHOUSE_URL',
    authority: 'CLICKHOUSE_CA_FILE',
    login: 'the user in CLICKHOUSE_URL and CLICKHOUSE_PASSWORD (or CLICKHOUSE_PASSWORD_FILE)',
    certificate: 'CLICKHOUSE_URL (client certificates are not supported)',
    plain: 'write http:// in CLICKHOUSE_URL',
  },
  elasticsearch: {
    title: 'Elasticsearch',
    address: 'ELASTICSEARCH_URL',
    authority: 'ELASTICSEARCH_CA_FILE',
    login: 'ELASTICSEARCH_API_KEY, or the user in ELASTICSEARCH_URL and ELASTICSEARCH_PASSWORD (each also as _FILE)',
    certificate: 'ELASTICSEARCH_URL (client certificates are not supported)',
    plain: 'write http:// in ELASTICSEARCH_URL',
  },
  hive: {
    title: 'Hive',
    address: 'HIVE_URL',
    authority: 'HIVE_CA_FILE',
    login: 'the user in HIVE_URL and HIVE_PASSWORD (or HIVE_PASSWORD_FILE)',
    certificate: 'HIVE_URL (client certificates are not supported)',
    plain: 'leave ssl=true out of HIVE_URL',
  },
};

/** What to do, for each fault. */
const MEND: Record<Fault, (names: SettingNames) => string> = {
  authority: ({ authority }) =>
    `set ${authority} to the certificate of the authority that signed the server's (a file in PEM form)`,
  expired: ({ address }) => `have the server's certificate renewed, or name another server in ${address}`,
  name: ({ address }) =>
    `write in ${address} a name that the server's certificate is for, or have it made for this one`,
  client_certificate: ({ certificate }) => `the server asks for a certificate that it trusts: set ${certificate}`,
  not_tls: ({ address, plain }) => `the server does not speak TLS there: correct the port in ${address}, or ${plain}`,
  password: ({ login }) => `correct ${login}`,
  right: ({ login }) =>
    `grant it what docs/operations.md lists under "Secured engines", or change ${login} to a user who has it`,
  closed: ({ address, login }) =>
    `start the server, correct the port in ${address}, or set TLS and ${login} as the server wants them`,
  unreachable: ({ address }) => `correct ${address}, or start the server`,
};

const WHAT: Record<Fault, string> = {
  authority: "the server's certificate is signed by nobody who is trusted here",
  expired: "the server's certificate is out of date",
  name: "the server's certificate is for another host",
  client_certificate: 'the server refuses this client without a certificate of its own',
  not_tls: 'no TLS there',
  password: 'user and password are refused',
  right: 'the user may not do this',
  closed: 'it closes the connection',
  unreachable: 'no answer',
};

/** One line that says what is wrong, with which engine, and which setting mends it; null: see faultOf. */
export function explained(engine: EngineName, place: string, error: unknown): string | null {
  const found = faultOf(engine, error);
  if (found === null) return null;
  const names = NAMES[engine];
  return `${names.title} at ${place}: ${WHAT[found.fault]} (${found.said}): ${MEND[found.fault](names)}`;
}

const DONE = Symbol('explained');

/** The same error, of the same class and with its codes, whose message is the explained one. */
export function withExplanation<E>(engine: EngineName, place: string, error: E): E {
  if (!(error instanceof Error) || DONE in error) return error;
  const line = explained(engine, place, error);
  if (line === null) return error;
  Object.defineProperty(error, DONE, { value: faultOf(engine, error)?.fault ?? null });
  error.message = line;
  return error;
}

/** Whether an engine refuses us, by an explained error: what waiting does not mend. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Error && DONE in error && isPermanent(error[DONE] as Fault | null);

/** The same object, whose methods reject with explained errors. */
export function explaining<T extends object>(target: T, explain: (error: unknown) => unknown): T {
  return new Proxy(target, {
    get(of, key) {
      const member = Reflect.get(of, key, of);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const answer = Reflect.apply(member, of, args);
        return answer instanceof Promise ? answer.catch((error) => Promise.reject(explain(error))) : answer;
      };
    },
  });
}
