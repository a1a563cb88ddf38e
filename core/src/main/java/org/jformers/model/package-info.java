/** Models as users meet them: configuration, heads, loading, saving, and Auto classes that pick the family. */
package org.jformers.model;
