import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import type {
  PasskeyAssertion,
  PasskeyCreation,
  PasskeyRegistration,
  PasskeyRequest,
} from "@warble/contracts";

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

interface Credential {
  id: Buffer;
  key: KeyObject;
  rpId: string;
  userHandle: string;
  counter: number;
}

/** What an answer says otherwise than it should. */
export interface Twist {
  challenge?: string;
  origin?: string;
  rpId?: string;
  type?: string;
  /** Whether the user was recognised, by finger, face or PIN; they are. */
  verified?: boolean;
  /** How often the passkey says that it has signed. */
  counter?: number;
  userHandle?: string | undefined;
  /** The format and statement with which the authenticator vouches for itself. */
  attestation?: [format: string, statement: CborMap];
}

/** A software authenticator in a browser at `origin`: makes passkeys on P-256 and signs with them. */
export class Authenticator {
  readonly #origin: string;
  /** The passkeys that it has, the newest last. */
  readonly passkeys: Credential[] = [];

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** What a browser answers to `navigator.credentials.create()`. */
  create(options: PasskeyCreation["options"], twist: Twist = {}): PasskeyRegistration {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const passkey = {
      id: randomBytes(32),
      key: privateKey,
      rpId: options.rp.id,
      userHandle: options.user.id,
      counter: 0,
    };
    this.passkeys.push(passkey);
    const credential = Buffer.concat([
      Buffer.alloc(16),
      uint16(passkey.id.length),
      passkey.id,
      coseOf(publicKey),
    ]);
    const [format, statement] = twist.attestation ?? ["none", new Map()];
    const attestation: CborMap = new Map<string, Cbor>([
      ["fmt", format],
      ["attStmt", statement],
      ["authData", dataOf(passkey, twist, credential)],
    ]);
    return {
      ...idOf(passkey),
      response: {
        clientDataJSON: this.#clientData("webauthn.create", options.challenge, twist),
        attestationObject: cbor(attestation).toString("base64url"),
        transports: ["internal", "hybrid"],
      },
    };
  }

  /** What a browser answers to `navigator.credentials.get()`, with the newest passkey. */
  get(
    options: PasskeyRequest["options"],
    twist: Twist = {},
    passkey = this.passkeys.at(-1),
  ): PasskeyAssertion {
    if (!passkey) throw new Error("there is no passkey");
    passkey.counter = twist.counter ?? passkey.counter + 1;
    const authenticatorData = dataOf(passkey, twist);
    const clientDataJSON = this.#clientData("webauthn.get", options.challenge, twist);
    const signed = Buffer.concat([authenticatorData, sha256(Buffer.from(clientDataJSON, "base64url"))]);
    const userHandle = "userHandle" in twist ? twist.userHandle : passkey.userHandle;
    return {
      ...idOf(passkey),
      response: {
        clientDataJSON,
        authenticatorData: authenticatorData.toString("base64url"),
        signature: sign("sha256", signed, passkey.key).toString("base64url"),
        ...(userHandle !== undefined && { userHandle }),
      },
    };
  }

  #clientData(type: string, challenge: string, twist: Twist): string {
    const said = {
      type: twist.type ?? type,
      challenge: twist.challenge ?? challenge,
      origin: twist.origin ?? this.#origin,
    };
    return Buffer.from(JSON.stringify({ ...said, crossOrigin: false })).toString("base64url");
  }
}

function idOf({ id }: Credential) {
  const text = id.toString("base64url");
  return { id: text, rawId: text, type: "public-key" as const, clientExtensionResults: {} };
}

function dataOf(passkey: Credential, { rpId, verified = true, counter }: Twist, credential?: Buffer): Buffer {
  const flags = PRESENT | (verified ? VERIFIED : 0) | (credential ? ATTESTED : 0);
  const signs = Buffer.alloc(4);
  signs.writeUInt32BE(counter ?? passkey.counter);
  const parts = [sha256(rpId ?? passkey.rpId), Buffer.from([flags]), signs, credential ?? Buffer.alloc(0)];
  return Buffer.concat(parts);
}

/** A P-256 key as COSE writes it. */
function coseOf(publicKey: KeyObject): Buffer {
  const { x = "", y = "" } = createPublicKey(publicKey.export({ type: "spki", format: "pem" })).export({
    format: "jwk",
  });
  const point = [x, y].map((part) => Buffer.from(part, "base64url"));
  return cbor(
    new Map<number, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, point[0]!],
      [-3, point[1]!],
    ]),
  );
}

type Cbor = number | string | Uint8Array | Cbor[] | CborMap;
type CborMap = Map<string | number, Cbor>;

/** As much of CBOR as an authenticator speaks. */
function cbor(value: Cbor): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string")
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  return Buffer.concat([head(5, value.size), ...[...value].flat().map((part) => cbor(part as Cbor))]);
}

const head = (major: number, length: number): Buffer =>
  length < 24
    ? Buffer.from([(major << 5) | length])
    : length < 256
      ? Buffer.from([(major << 5) | 24, length])
      : Buffer.concat([Buffer.from([(major << 5) | 25]), uint16(length)]);

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_MS = 30_000;

/** What an authenticator app shows at a moment (RFC 6238). */
export function codeAt(secret: string, ms: number): string {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(ms / STEP_MS)));
  const mac = createHmac("sha1", key).update(step).digest();
  const number = mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
