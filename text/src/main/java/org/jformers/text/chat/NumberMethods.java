package org.jformers.text.chat;

import java.math.BigInteger;
import java.util.Optional;

/** The attributes and methods of Python's numbers. */
final class NumberMethods {
    private static final int MANTISSA = 53;

    private NumberMethods() {}

    static Optional<Value> of(Num number, String name) {
        boolean whole = !number.isFloat();
        return switch (name) {
            case "real" -> Optional.of(whole ? Num.of(number.whole()) : number);
            case "imag" -> Optional.of(whole ? Value.of(0) : Num.of(0.0));
            case "conjugate" -> method(number, name, whole ? Num.of(number.whole()) : number);
            case "as_integer_ratio" -> Optional.of(Function.method(number.type(), name, arguments -> {
                arguments.bind(name);
                return ratio(number);
            }));
            case "numerator" -> whole ? Optional.of(Num.of(number.whole())) : Optional.empty();
            case "denominator" -> whole ? Optional.of(Value.of(1)) : Optional.empty();
            case "bit_length" -> whole
                    ? method(number, name, Value.of(number.whole().abs().bitLength())) : Optional.empty();
            case "bit_count" -> whole
                    ? method(number, name, Value.of(number.whole().abs().bitCount())) : Optional.empty();
            case "to_bytes" -> whole ? Optional.of(Function.method(
                    number.type(), name, arguments -> bytes(number, arguments))) : Optional.empty();
            case "is_integer" -> whole ? Optional.empty() : method(number, name, Value.of(
                    Double.isFinite(number.real()) && number.real() == Math.rint(number.real())));
            case "hex" -> whole ? Optional.empty() : method(number, name, Str.of(hex(number.real())));
            default -> Optional.empty();
        };
    }

    private static Optional<Value> method(Num number, String name, Value result) {
        return Optional.of(Function.method(number.type(), name, arguments -> {
            arguments.bind(name);
            return result;
        }));
    }

    private static Value ratio(Num number) {
        if (!number.isFloat()) {
            return Listing.tuple(Num.of(number.whole()), Value.of(1));
        }
        if (!Double.isFinite(number.real())) {
            throw new ChatTemplateException("cannot convert " + number + " to an integer ratio");
        }
        BigInteger numerator = number.exact().unscaledValue();
        BigInteger denominator = BigInteger.ONE;
        int scale = number.exact().scale();
        if (scale > 0) {
            denominator = BigInteger.TEN.pow(scale);
        } else {
            numerator = numerator.multiply(BigInteger.TEN.pow(-scale));
        }
        BigInteger common = numerator.gcd(denominator);
        return Listing.tuple(Num.of(numerator.divide(common)), Num.of(denominator.divide(common)));
    }

    private static Value bytes(Num number, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("to_bytes", "length", "byteorder", "signed");
        int length = bound.integer(0, 1);
        String order = bound.get(1).isPresent() ? bound.string(1).string() : "big";
        byte[] given = number.whole().toByteArray();
        int needed = bound.flag(2) ? given.length : number.whole().bitLength() / Byte.SIZE
                + (number.whole().bitLength() % Byte.SIZE == 0 ? 0 : 1);
        if (length < needed || !bound.flag(2) && number.whole().signum() < 0) {
            throw new ChatTemplateException("int too big to convert");
        }
        if (!order.equals("big") && !order.equals("little")) {
            throw new ChatTemplateException("byteorder must be either 'little' or 'big'");
        }
        arguments.meter().spendElements(length);
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            int from = given.length - 1 - i;
            bytes[order.equals("big") ? length - 1 - i : i] =
                    from >= 0 ? given[from] : (byte) (number.whole().signum() < 0 ? -1 : 0);
        }
        return Bytes.of(bytes, arguments.meter());
    }

    private static String hex(double value) {
        if (!Double.isFinite(value)) {
            return Num.shortest(value);
        }
        long bits = Double.doubleToLongBits(value);
        long mantissa = bits & (1L << MANTISSA - 1) - 1;
        boolean normal = Math.abs(value) >= Double.MIN_NORMAL;
        String sign = bits < 0 ? "-" : "";
        if (value == 0) {
            return sign + "0x0.0p+0";
        }
        return sign + String.format("0x%d.%013xp%+d", normal ? 1 : 0, mantissa,
                normal ? Math.getExponent(value) : Double.MIN_EXPONENT);
    }
}
