// The language of a question, as far as its script tells: the most spoken one of each script.

const BY_SCRIPT = [
  ["ja", /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ["zh", /\p{Script=Han}/u],
  ["ko", /\p{Script=Hangul}/u],
  ["ar", /\p{Script=Arabic}/u],
  ["he", /\p{Script=Hebrew}/u],
  ["ru", /\p{Script=Cyrillic}/u],
  ["el", /\p{Script=Greek}/u],
  ["hy", /\p{Script=Armenian}/u],
  ["ka", /\p{Script=Georgian}/u],
  ["am", /\p{Script=Ethiopic}/u],
  ["hi", /\p{Script=Devanagari}/u],
  ["bn", /\p{Script=Bengali}/u],
  ["pa", /\p{Script=Gurmukhi}/u],
  ["gu", /\p{Script=Gujarati}/u],
  ["ta", /\p{Script=Tamil}/u],
  ["te", /\p{Script=Telugu}/u],
  ["kn", /\p{Script=Kannada}/u],
  ["ml", /\p{Script=Malayalam}/u],
  ["si", /\p{Script=Sinhala}/u],
  ["th", /\p{Script=Thai}/u],
  ["lo", /\p{Script=Lao}/u],
  ["km", /\p{Script=Khmer}/u],
  ["my", /\p{Script=Myanmar}/u],
];

/** Code of a language that is written in the script of a text; English for Latin letters. */
export const languageByScript = (text) => BY_SCRIPT.find(([, letters]) => letters.test(text))?.[0] ?? "en";
