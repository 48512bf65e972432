declare module 'handlebars/dist/cjs/handlebars/compiler/base.js' {
  /** Parses, and applies the whitespace control. The tree is `hbs.AST.Program`. */
  export function parse(input: string): unknown;
}
