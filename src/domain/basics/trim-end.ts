/** The text without the given character at its end, however often it is there; an expression such as `0+$` takes time in the square. */
export function trimEndOf(text: string, char: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === char) end--
  return text.slice(0, end)
}
