import { describe } from "vitest";
import { clientCases } from "../../fixtures/client-cases.ts";

describe("the client of the task server", () => {
  clientCases();
});
