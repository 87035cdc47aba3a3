import { createHash, randomBytes } from 'node:crypto';

/** More tokens that nobody has used are not kept: the oldest goes. */
const MOST_TOKENS = 32;
/** More browsers than that are not let in: the one that came first goes. */
const MOST_SESSIONS = 64;

/** Who may use a token: whoever has it, or of those only programs of this user on this machine. */
type Whom = 'anybody' | 'own';

/**
 * Who may come in. A token is good for one exchange, for a session that lasts as long as this process; both are secrets
 * of 256 bits, and only their hashes are kept and compared.
 */
export class Sessions {
  /** Of the cookie: one for each library, so that several tunnels on one machine do not log each other out. */
  readonly cookie: string;
  readonly #tokens: Record<Whom, Set<string>> = { anybody: new Set(), own: new Set() };
  readonly #sessions = new Set<string>();

  constructor(library: string) {
    this.cookie = `swamp-${hash(library).slice(0, 12)}`;
  }

  /** @returns a token for one more browser. */
  invite(whom: Whom): string {
    return add(this.#tokens[whom], MOST_TOKENS);
  }

  /** Exchanges a token, which is used up. @returns the session's secret; `null`: the token is not good. */
  exchange(token: string, whom: Whom): string | null {
    return this.#tokens[whom].delete(hash(token)) ? add(this.#sessions, MOST_SESSIONS) : null;
  }

  /** Whether a request's `Cookie` header carries a session. */
  admits(header: string | undefined): boolean {
    return (header ?? '').split(';').some((part) => {
      const at = part.indexOf('=');
      return part.slice(0, at).trim() === this.cookie && this.#sessions.has(hash(part.slice(at + 1).trim()));
    });
  }

  /** The header that gives a browser its session: out of reach for scripts, and never sent from other sites. */
  setCookie(session: string): string {
    return `${this.cookie}=${session}; Path=/; HttpOnly; SameSite=Strict`;
  }
}

function add(secrets: Set<string>, most: number): string {
  const secret = randomBytes(32).toString('base64url');
  secrets.add(hash(secret));
  const [oldest] = secrets;
  if (secrets.size > most && oldest !== undefined) secrets.delete(oldest);
  return secret;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
