package org.jformers.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A setting given on the command line.
 *
 * @param path where it stands
 * @param value its new value
 */
record Assignment(String path, String value) {

    /** Reads {@code path=value}; the value may hold any character. */
    static final class Reader implements ITypeConverter<Assignment> {
        @Override
        public Assignment convert(String text) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw new TypeConversionException("expected path=value, got '" + text + "'");
            }
            return new Assignment(text.substring(0, equals).strip(), text.substring(equals + 1));
        }
    }
}
