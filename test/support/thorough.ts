// `npm run e2e` runs some tests of `npm test` again, with everything that those few minutes have no room for.
export const THOROUGH = process.env.COPPICE_CAMPAIGN === "1";
