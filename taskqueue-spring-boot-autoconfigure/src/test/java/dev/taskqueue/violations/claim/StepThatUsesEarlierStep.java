package dev.taskqueue.violations.claim;

import dev.taskqueue.violations.store.StepThatUsesLaterStep;

public record StepThatUsesEarlierStep(StepThatUsesLaterStep allowed) {
}
