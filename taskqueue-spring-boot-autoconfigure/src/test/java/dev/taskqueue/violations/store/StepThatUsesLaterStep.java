package dev.taskqueue.violations.store;

import dev.taskqueue.violations.claim.StepThatUsesEarlierStep;
import org.jspecify.annotations.Nullable;

public record StepThatUsesLaterStep(@Nullable StepThatUsesEarlierStep forbidden) {
}
