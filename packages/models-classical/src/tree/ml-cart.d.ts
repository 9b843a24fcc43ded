declare module 'ml-cart' {
  /** A node of a trained tree, as far as it is read here. */
  export interface CartNode {
    readonly left?: CartNode
    readonly right?: CartNode
    readonly splitColumn?: number
    readonly splitValue?: number
    readonly distribution?: number
  }

  export class DecisionTreeRegression {
    readonly root: CartNode
    constructor(options: { readonly minNumSamples: number; readonly maxDepth: number; readonly gainThreshold: number })
    train(rows: number[][], values: number[]): void
  }
}
