/** The parser and the weighted counter that the server uses, for forms and for showing what was written. */
export {
  type HashtagSpan,
  hashtagKey,
  isEmoji,
  LIMITS,
  type MentionSpan,
  type ParsedText,
  parseText,
  type TextSpan,
  type UrlSpan,
  weightOf,
} from "@warble/contracts";
