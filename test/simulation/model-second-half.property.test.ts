import { testHalf } from "../arbitraries/model-walk.ts";

await testHalf(2);
