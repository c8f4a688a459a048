/**
 * Bundles the programs of the riscv64 check into `dist/riscv64`. Use: node test/riscv64/bundle.mjs
 *
 * What runs under emulation is one CommonJS file, as the dApp itself is.
 */
import { buildCommand, buildGuest } from "../../node-client/build/build.mjs";

const entry = (name) => `test/riscv64/${name}.ts`;
const outfile = (name) => `dist/riscv64/${name}`;

await buildCommand({ entry: entry("record"), outfile: outfile("record.mjs") });
await buildGuest({ entry: entry("check-engine"), outfile: outfile("check-engine.cjs") });
await buildCommand({ entry: entry("check-dapp"), outfile: outfile("check-dapp.mjs") });
