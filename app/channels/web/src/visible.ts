/** What is stripped from every rendered text, as `app/render/characters.py` does it: characters that show nothing or
 * reorder what is shown, so that no customer's text can hide words. */

const INVISIBLE =
  /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}\ufff0-\uffff]|(?![\t\n])\p{Cc}/gu;
const LINE_END = /\r\n|[\r\u2028\u2029]/g;

export function visible(text: string): string {
  return text.replace(LINE_END, "\n").replace(INVISIBLE, "");
}
