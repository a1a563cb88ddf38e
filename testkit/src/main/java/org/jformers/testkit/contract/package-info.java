/** Contract tests: what every implementation of an interface keeps. Subclass one in your tests and it runs. */
@NullMarked
package org.jformers.testkit.contract;

import org.jspecify.annotations.NullMarked;
