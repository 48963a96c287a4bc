package dev.taskqueue.violations;

import dev.taskqueue.violations.store.StepThatUsesLaterStep;
import org.bson.types.ObjectId;

record WordThatUsesStore(ObjectId usesDriver, StepThatUsesLaterStep usesStep) {
}
