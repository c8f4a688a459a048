import type { ClientError } from "../../node-client/errors.ts";

/** The options that an error's advice names, in their order; what is quoted there is the user's. */
export const listOptions = ({ whatToDo }: ClientError): readonly string[] => [
  ...new Set(whatToDo.match(/(?<![\w'"-])--[a-z-]*[a-z]/g) ?? []),
];
