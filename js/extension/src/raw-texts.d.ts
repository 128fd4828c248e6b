// `@jupyter/builder` takes files of this name as texts, and `webpack.config.cjs` those that are asked for with `?raw`.
declare module '*.raw.css' {
  const text: string;
  export default text;
}

declare module '*?raw' {
  const text: string;
  export default text;
}
