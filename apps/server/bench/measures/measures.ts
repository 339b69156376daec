import type { MeasureName } from "../lines";
import type { Findings } from "../report";
import type { Stage } from "../stage";
import { measureChat } from "./chat";
import { measureCosts } from "./costs";
import { measureCreate } from "./create";
import { measureFanOut } from "./fan-out";
import { measureFollowed } from "./followed";
import { measureFollowers } from "./followers";
import { measureHome } from "./home";
import { measureIdleSockets } from "./idle-sockets";
import { measureLikes } from "./likes";
import { measureLogins } from "./logins";
import { measureMemory } from "./memory";
import { measureNodes } from "./nodes";
import { measureSdk } from "./sdk";
import { measureSearch } from "./search";
import { measureStart } from "./start";
import { measureStored } from "./stored";
import { measureStream } from "./stream";

/** What measures what. */
export const MEASURES: Record<MeasureName, (stage: Stage) => Promise<Findings>> = {
  home: measureHome,
  followed: measureFollowed,
  stored: measureStored,
  create: measureCreate,
  followers: measureFollowers,
  "fan-out": measureFanOut,
  stream: measureStream,
  chat: measureChat,
  "idle-sockets": measureIdleSockets,
  logins: measureLogins,
  search: measureSearch,
  likes: measureLikes,
  start: measureStart,
  memory: measureMemory,
  nodes: measureNodes,
  sdk: measureSdk,
  costs: measureCosts,
};
