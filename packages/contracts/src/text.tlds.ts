// The whole public list would cost a third of the SDK's size budget, so only a choice is shipped: every
// country code, the generic names people use, and the international ones. The list decides only about links
// without a scheme: https:// followed by any well-formed domain is a link. File-like names (zip, mov) are left out.
const COUNTRIES =
  "acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjbmbnbobrbsbtbvbwbybzcacccdcfcgchcickclcmcnco" +
  "crcucvcwcxcyczdedjdkdmdodzeceeegereseteufifjfkfmfofrgagbgdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhn" +
  "hrhthuidieiliminioiqirisitjejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlulvlymamcmdmemgmhmkmlmm" +
  "mnmompmqmrmsmtmumvmwmxmymznancnenfngninlnonpnrnunzompapepfpgphpkplpmpnprpsptpwpyqarerorsrurwsasb" +
  "scsdsesgshsisjskslsmsnsosrssstsusvsxsysztctdtftgthtjtktltmtntotrtttvtwtzuaugukusuyuzvavcvevgvivn" +
  "vuwfwsyeytzazmzw";
const GENERIC =
  "academy aero africa agency amsterdam app arpa art asia auto bank bar beauty berlin best bio biz " +
  "blog cafe capital care cars cat center charity chat click clinic cloud club codes college com " +
  "community company computer cool coop deals design dev digital directory dog earth eco edu " +
  "education email energy engineering eus events exchange expert family farm fashion film finance " +
  "financial fitness forum foundation fun fund gal gallery game games garden gay gov green group " +
  "guide guru hamburg health host hosting hotels house icu info ink institute int istanbul jobs " +
  "kids kiwi land law legal life link live lol london love market media mil mobi moe money museum " +
  "music name net network news ngo ninja nyc one ong onion online org page paris photo photos plus " +
  "post press pro pub quebec radio report restaurant reviews rocks run sale school science scot " +
  "services shop show site social software solutions space store studio style support swiss " +
  "systems taxi team tech technology tel today tokyo tools top tours travel university video vip " +
  "vote wales website wien wiki work world wtf xxx xyz zone";
const INTERNATIONAL =
  "ελ ευ бг бел дети ею ком мкд мон москва онлайн орг рус рф сайт срб укр " +
  "қаз հայ ישראל קום الاردن البحرين الجزائر السعودية المغرب امارات ایران " +
  "بازار بھارت تونس سودان سورية شبكة عراق عرب عمان فلسطين قطر كوم مصر " +
  "مليسيا موريتانيا موقع پاکستان ڀارت कॉम नेट भारत বাংলা ভারত ভাৰত ਭਾਰਤ " +
  "ભારત ଭାରତ இந்தியா இலங்கை சிங்கப்பூர் భారత్ ಭಾರತ ഭാരതം ලංකා คอม ไทย ລາວ " +
  "გე みんな コム 中国 中國 公司 台湾 台灣 在线 家電 新加坡 澳門 网址 网站 网络 香港 닷넷 닷컴 한국";

const TLDS = new Set([...(COUNTRIES.match(/../g) ?? []), ...GENERIC.split(" "), ...INTERNATIONAL.split(" ")]);
const LONGEST_INTERNATIONAL = 11;
const BAD_AFTER_TLD = /[a-z0-9@+-]/i;
const WITHOUT_WORD_SPACES = /[\u3040-\u9FFF\uAC00-\uD7AF]/;
const ASCII_LABEL = /[a-z0-9-]+/iy;

/** Where the top-level domain that starts at `position` ends, or 0 if none that we know starts there. */
export function tldEnd(text: string, position: number): number {
  ASCII_LABEL.lastIndex = position;
  const ascii = ASCII_LABEL.exec(text)?.[0].toLowerCase();
  if (ascii === undefined) return internationalTldEnd(text, position);
  const end = position + ascii.length;
  const known = TLDS.has(ascii) || /^xn--./.test(ascii);
  return known && !BAD_AFTER_TLD.test(text.charAt(end)) ? end : 0;
}

function internationalTldEnd(text: string, position: number): number {
  for (let length = Math.min(LONGEST_INTERNATIONAL, text.length - position); length > 1; length--) {
    const end = position + length;
    const label = text.slice(position, end).toLowerCase();
    if (!TLDS.has(label) || BAD_AFTER_TLD.test(text.charAt(end))) continue;
    // Chinese or Japanese text may go on right after a link; elsewhere a further letter makes another word.
    if (WITHOUT_WORD_SPACES.test(label) || !/[\p{L}\p{M}]/u.test(text.charAt(end))) return end;
  }
  return 0;
}
