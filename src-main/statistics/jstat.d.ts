/** The part of jstat 1.9 that is used; the package brings no types. */
declare module 'jstat' {
  interface JStat {
    readonly studentt: {
      /** Quantile of Student's t: the value below which lies the share `p` with `degrees` of freedom. */
      inv(p: number, degrees: number): number;
    };
  }
  const jstat: JStat;
  export default jstat;
}
