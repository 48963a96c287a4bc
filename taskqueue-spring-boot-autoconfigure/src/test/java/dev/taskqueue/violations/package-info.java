/**
 * Classes that break the rules of {@code ArchitectureRules} on purpose, so that each rule
 * is seen to fail. Each says in its name what it does; the base package here stands for
 * {@code dev.taskqueue}.
 */
@NullMarked
package dev.taskqueue.violations;

import org.jspecify.annotations.NullMarked;
