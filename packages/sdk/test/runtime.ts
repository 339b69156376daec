import { createContext, runInContext } from "node:vm";
import { rolldown } from "rolldown";
import { heard } from "./browser";

/** What every runtime of the web has, as WinterTC's minimum common API lists it, without what a page or Node adds. */
const COMMON = [
  "AbortController,AbortSignal,Blob,ByteLengthQueuingStrategy,CompressionStream,CountQueuingStrategy,Crypto,CryptoKey",
  "CustomEvent,DOMException,DecompressionStream,Event,EventTarget,File,FormData,Headers,MessageEvent,ReadableStream",
  "Request,Response,SubtleCrypto,TextDecoder,TextDecoderStream,TextEncoder,TextEncoderStream,TransformStream,URL",
  "URLSearchParams,WebAssembly,WritableStream,atob,btoa,clearInterval,clearTimeout,console,crypto,fetch,performance",
  "queueMicrotask,setInterval,setTimeout,structuredClone",
].flatMap((line) => line.split(","));

/** What React Native has of it. */
const NATIVE = [
  "AbortController,AbortSignal,Blob,File,FormData,Headers,Request,Response,URL,URLSearchParams,clearInterval",
  "clearTimeout,console,fetch,performance,queueMicrotask,setInterval,setTimeout",
].flatMap((line) => line.split(","));

export const RUNTIMES = { edge: COMMON, "React Native": NATIVE };

/** An installed module with all that it needs, loaded where there is nothing but these globals and no `eval`. */
export async function loadBare(entry: string, globals: string[]): Promise<Record<string, unknown>> {
  const transform = { define: { "process.env.NODE_ENV": JSON.stringify("production") } };
  const build = await rolldown({ input: entry, platform: "browser", transform, onLog: heard });
  const { output } = await build.generate({ format: "iife", name: "loaded", codeSplitting: false });
  const [{ code, imports, dynamicImports }] = output;
  const missing = [...imports, ...dynamicImports];
  if (missing.length > 0) throw new Error(`${entry} needs ${missing.join(", ")}`);
  const here = globalThis as unknown as Record<string, unknown>;
  const given = Object.fromEntries(globals.map((name) => [name, here[name]]));
  const context = createContext(given, { codeGeneration: { strings: false, wasm: false } });
  return runInContext(`globalThis.self = globalThis; ${code}; loaded`, context);
}
