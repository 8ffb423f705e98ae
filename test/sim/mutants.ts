export interface Mutant { readonly name: string; readonly file: string; readonly find: string; readonly replace: string }
