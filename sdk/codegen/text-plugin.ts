/** A codegen plugin that writes a fixed text. */
export function plugin(
  _schema: unknown,
  _documents: unknown,
  { text }: { readonly text: string },
): string {
  return text;
}
