import type { z } from "zod";
import type { FaultMessages } from "../../views/messages/faults.en.ts";

/** Words the faults of a form's fields for people, where the schema has no words of its own. */
export function faultText(messages: FaultMessages): z.core.$ZodErrorMap {
  return (issue) => {
    switch (issue.code) {
      case "invalid_type":
        if (issue.input === undefined || issue.input === null) return messages.needed;
        if (issue.expected === "number" || issue.expected === "int") return messages.takesNumber;
        return issue.expected === "boolean" ? messages.takesYesOrNo : messages.notTaken;
      case "too_small":
        if (issue.origin === "string") {
          return Number(issue.minimum) <= 1 ? messages.needed : messages.tooShort(Number(issue.minimum));
        }
        return messages.tooSmall(Number(issue.minimum));
      case "too_big":
        return issue.origin === "string"
          ? messages.tooLong(Number(issue.maximum))
          : messages.tooBig(Number(issue.maximum));
      case "invalid_value":
        return issue.input === undefined ? messages.needed : messages.takesOneOf(issue.values.map(String));
      case "unrecognized_keys":
        return messages.notKnown;
      default:
        return messages.notTaken;
    }
  };
}
