import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "./config";

const secret = "Zm9vYmFyYmF6cXV4Y29ycmdlZ3JhdWx0Z2FycGx5";
const development = { MONGO_URL: "mongodb://127.0.0.1", JWT_SECRETS: secret, PASSWORD_PEPPER: secret };
const production = {
  ...development,
  NODE_ENV: "production",
  PUBLIC_URL: "https://warble.example/",
  SMTP_URL: "smtps://mail.example",
};

const complaint = (env: NodeJS.ProcessEnv): string => {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return "";
};

describe("readConfig", () => {
  test("production starts with all it needs, on safe defaults", () => {
    expect(readConfig(production)).toMatchObject({
      production: true,
      port: 4000,
      publicUrl: "https://warble.example",
      webUrl: undefined,
      trustProxy: false,
      corsOrigins: [],
      passwordCost: 12,
      logLevel: "info",
    });
  });

  test("production names at once all that is missing, a line each", () => {
    const lines = complaint({ NODE_ENV: "production" }).split("\n");
    const names = ["MONGO_URL", "JWT_SECRETS", "PASSWORD_PEPPER", "PUBLIC_URL", "SMTP_URL"];
    expect(lines).toEqual(names.map((name) => expect.stringMatching(new RegExp(`^${name} is not set\\.`))));
  });

  test.each(Object.keys(production).filter((name) => name !== "NODE_ENV"))("production needs %s", (name) => {
    for (const value of [undefined, ""]) {
      expect(complaint({ ...production, [name]: value })).toMatch(
        new RegExp(`^${name} is not set\\.[^\\n]*$`),
      );
    }
  });

  test.each([
    ["NODE_ENV", "prod"],
    ["PORT", "http"],
    ["PORT", "70000"],
    ["PUBLIC_URL", "warble.example"],
    ["PUBLIC_URL", "ftp://warble.example"],
    ["WEB_URL", "javascript:alert(1)"],
    ["MONGO_URL", "127.0.0.1:27017"],
    ["SMTP_URL", "mail.example"],
    ["JWT_SECRETS", "short"],
    ["JWT_SECRETS", `${secret},short`],
    ["JWT_SECRETS", "x".repeat(64)],
    ["JWT_SECRETS", "your-secret-of-at-least-32-bytes-here"],
    ["JWT_SECRETS", "change-me-before-you-go-to-production"],
    ["PASSWORD_PEPPER", "short"],
    ["PASSWORD_PEPPER", "change me before you go to production"],
    ["PLACES_FILE", "/nowhere/countries.mmdb"],
    ["PASSWORD_COST", "3"],
    ["PASSWORD_COST", "9"],
    ["PASSWORD_COST", "31"],
    ["TRUST_PROXY", "true"],
    ["TRUST_PROXY", "-1"],
    ["TRUST_PROXY", "yes"],
    ["TRUST_PROXY", "0.0.0.0/0"],
    ["TRUST_PROXY", "10.0.0.0/8,::/0"],
    ["TRUST_PROXY", "10.0.0.0/33"],
    ["TRUST_PROXY", "10.0.0.0/8/8"],
    ["CORS_ORIGINS", "*"],
    ["CORS_ORIGINS", "https://app.example/"],
    ["CORS_ORIGINS", "app.example"],
    ["LOG_LEVEL", "loud"],
  ])("%s=%s is refused by name, in one line, without repeating a secret", (name, value) => {
    const said = complaint({ ...production, [name]: value });
    expect(said).toMatch(new RegExp(`^${name}\\b[^\\n]*$`));
    if (/SECRET|PEPPER/.test(name)) expect(said).not.toContain(value);
  });

  test.each([
    ["false", false],
    ["0", false],
    ["2", 2],
    ["loopback, 10.0.0.0/8,fd00::/8,192.0.2.1", ["loopback", "10.0.0.0/8", "fd00::/8", "192.0.2.1"]],
  ])("TRUST_PROXY=%s is %j", (value, meant) => {
    expect(readConfig({ ...development, TRUST_PROXY: value }).trustProxy).toEqual(meant);
  });

  test("lists are read with or without spaces", () => {
    const { corsOrigins, jwtSecrets } = readConfig({
      ...development,
      CORS_ORIGINS: "https://a.example, http://localhost:5173",
      JWT_SECRETS: `${secret}1, ${secret}2`,
    });
    expect(corsOrigins).toEqual(["https://a.example", "http://localhost:5173"]);
    expect(jwtSecrets).toEqual([`${secret}1`, `${secret}2`]);
  });
});
