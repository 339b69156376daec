import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { CompactEncrypt, compactDecrypt, errors, jwtVerify, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { nowMs } from "./clock";

const ISSUER = "warble";
const AUDIENCE = "warble-api";
const TYPE = "at+jwt";
const TOLERANCE_SECONDS = 5;
const GOOD_KEPT = 50_000;

/** What an access token says. */
export interface AccessClaims {
  userId: string;
  sessionId: string;
}

interface Key {
  id: string;
  /** Signs access tokens. */
  sign: Uint8Array;
  /** Derives refresh tokens. */
  refresh: Uint8Array;
  /** Seals what waits in the queue. */
  seal: Uint8Array;
  /** Digests what is compared and not kept. */
  digest: Uint8Array;
}

/** All that is made and checked with the server's secrets; the first secret makes, every one checks. */
export class TokenKeys {
  readonly #keys: Key[];
  readonly #first: Key;
  /** What good tokens say, for as long as they are: whoever calls brings the same one each time. */
  readonly #good = new LRUCache<string, AccessClaims & { expiresAt: Date }>({ max: GOOD_KEPT });

  constructor(secrets: string[]) {
    this.#keys = secrets.map((secret) => ({
      id: createHash("sha256").update(`kid:${secret}`).digest("base64url").slice(0, 8),
      sign: derive(secret, "access"),
      refresh: derive(secret, "refresh"),
      seal: derive(secret, "seal"),
      digest: derive(secret, "digest"),
    }));
    const [first] = this.#keys;
    if (!first) throw new Error("TokenKeys needs at least one secret");
    this.#first = first;
  }

  /** A signed access token that lives `ttl` seconds. */
  async signAccess(claims: AccessClaims, ttl: number): Promise<{ token: string; expiresAt: Date }> {
    const issuedAt = Math.floor(nowMs() / 1000);
    const token = await new SignJWT({ sid: claims.sessionId })
      .setProtectedHeader({ alg: "HS256", typ: TYPE, kid: this.#first.id })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(claims.userId)
      .setJti(randomSecret(12))
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttl)
      .sign(this.#first.sign);
    return { token, expiresAt: new Date((issuedAt + ttl) * 1000) };
  }

  /** What a token says, or null when it is not one of ours or has expired. `maxAge` is in seconds. */
  async readAccess(token: string, maxAge: number): Promise<(AccessClaims & { expiresAt: Date }) | null> {
    const known = this.#good.get(token);
    if (known && known.expiresAt.getTime() > nowMs()) return known;
    const claims = await this.#verify(token, maxAge);
    if (claims) this.#good.set(token, claims);
    return claims;
  }

  async #verify(token: string, maxAge: number): Promise<(AccessClaims & { expiresAt: Date }) | null> {
    try {
      const { payload } = await jwtVerify(token, (header) => this.#byId(header.kid), {
        algorithms: ["HS256"],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ["iss", "aud", "sub", "sid", "jti", "iat", "exp"],
        maxTokenAge: maxAge,
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(nowMs()),
      });
      const { sub, sid, exp = 0 } = payload;
      if (!isId(sub) || !isId(sid)) return null;
      return { userId: sub, sessionId: sid, expiresAt: new Date(exp * 1000) };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
      throw error;
    }
  }

  /**
   * The refresh token of a session's generation. It is derived, not stored: the database holds the session's
   * seed, which is worth nothing without the server's secret, and a repeated refresh gets the same successor.
   */
  refreshToken(session: RefreshSeed, generation: number): string {
    return `${session.id}.${generation}.${mac(this.#first, session, generation)}`;
  }

  /** Whether a refresh token was made by us for this session, whichever generation it is of. */
  isRefreshToken(session: RefreshSeed, generation: number, given: string): boolean {
    return this.#keys.some((key) => sameText(mac(key, session, generation), given));
  }

  /** A digest that says nothing of the text to whoever has no secret of the server, however easy to guess the text is. */
  digest(text: string): string {
    return createHmac("sha256", this.#first.digest).update(text).digest("base64url");
  }

  /** Encrypts what waits in the database and holds a secret. */
  seal(payload: object): Promise<string> {
    return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: this.#first.id })
      .encrypt(this.#first.seal);
  }

  /** Reads back what `seal` made. @throws when no secret fits */
  async unseal<T>(sealed: string): Promise<T> {
    const { plaintext } = await compactDecrypt(sealed, (header) => this.#byId(header.kid, "seal"));
    return JSON.parse(new TextDecoder().decode(plaintext));
  }

  #byId(id: string | undefined, use: "sign" | "seal" = "sign"): Uint8Array {
    const key = this.#keys.find((candidate) => candidate.id === id);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key[use];
  }
}

/** What a session's refresh tokens are derived from. */
export interface RefreshSeed {
  id: string;
  seed: string;
}

const derive = (secret: string, use: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", secret, "warble", use, 32));

const mac = (key: Key, { id, seed }: RefreshSeed, generation: number): string =>
  createHmac("sha256", key.refresh).update(`${id}.${generation}.${seed}`).digest("base64url");

const isId = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{24}$/.test(value);

/** A random secret for links and seeds, of `bytes` bytes. */
export const randomSecret = (bytes = 32): string => randomBytes(bytes).toString("base64url");

/** How a random secret is stored: it needs no salt and no slow hash, since it cannot be guessed. */
export const digestOf = (secret: string): string => createHash("sha256").update(secret).digest("base64url");

function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}
