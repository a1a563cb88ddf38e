/** Contract tests: what every implementation of an interface keeps. Subclass one in your tests and it runs. */
package org.jformers.testkit.contract;
