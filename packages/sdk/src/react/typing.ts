import { useCallback, useEffect, useRef, useState } from "react";
import { useWarble } from "./provider";
import { useSession } from "./session";

/** So long somebody types who has said so once. */
const TYPES_MS = 6_000;
/** How often the others are told. */
const TELL_MS = 3_000;

/** Who types in a conversation, and telling that the viewer does. */
export function useTyping(conversationId: string): { typing: string[]; sendTyping: () => void } {
  const { chat } = useWarble();
  const { userId: me } = useSession();
  const [typing, setTyping] = useState<string[]>([]);
  useEffect(() => {
    const timers = new Map<string, ReturnType<typeof setTimeout>>();
    const stopped = (userId: string) => {
      clearTimeout(timers.get(userId));
      timers.delete(userId);
      setTyping((before) => (before.includes(userId) ? before.filter((one) => one !== userId) : before));
    };
    const stops = [
      chat.on("typing", (event) => {
        const { userId } = event;
        if (event.conversationId !== conversationId || userId === me) return;
        clearTimeout(timers.get(userId));
        timers.set(
          userId,
          setTimeout(() => stopped(userId), TYPES_MS),
        );
        setTyping((before) => (before.includes(userId) ? before : [...before, userId]));
      }),
      chat.on("message", (message) => {
        if (message.conversationId === conversationId) stopped(message.senderId);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      for (const timer of timers.values()) clearTimeout(timer);
      setTyping([]);
    };
  }, [chat, conversationId, me]);
  const told = useRef(0);
  const sendTyping = useCallback(() => {
    if (Date.now() - told.current < TELL_MS) return;
    told.current = Date.now();
    // Who is not told sees the message when it comes.
    chat.typing(conversationId).catch(() => undefined);
  }, [chat, conversationId]);
  return { typing, sendTyping };
}
