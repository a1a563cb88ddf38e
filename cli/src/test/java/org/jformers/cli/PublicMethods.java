package org.jformers.cli;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** What the sources of public methods break, as {@code Type.method: what}. */
final class PublicMethods extends TreeScanner<Void, Boolean> {
    private final List<String> found = new ArrayList<>();
    private String within = "";

    private PublicMethods() {}

    /** Looks through all sources below a folder, which are parsed and not compiled. */
    static List<String> violations(Path sources) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(sources)) {
            files = all.filter(file -> file.toString().endsWith(".java")
                    && !file.endsWith("package-info.java")).toList();
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        PublicMethods scanner = new PublicMethods();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            for (CompilationUnitTree file : task.parse()) {
                scanner.scan(file, true);
            }
        }
        return scanner.found;
    }

    /** @param open whether everything around is public */
    @Override
    public Void visitClass(ClassTree type, Boolean open) {
        String around = within;
        within = around.isEmpty() ? type.getSimpleName().toString() : around + "." + type.getSimpleName();
        boolean inInterface = around.endsWith("#");
        boolean isPublic = open && (inInterface || type.getModifiers().getFlags().contains(Modifier.PUBLIC));
        boolean isInterface = type.getKind() == Tree.Kind.INTERFACE;
        for (Tree member : type.getMembers()) {
            if (member instanceof MethodTree method) {
                method(method, isPublic, isInterface);
            } else if (member instanceof ClassTree inner) {
                String name = within;
                within = isInterface ? name + "#" : name;
                visitClass(inner, isPublic);
                within = name;
            }
        }
        within = around;
        return null;
    }

    private void method(MethodTree method, boolean open, boolean inInterface) {
        Set<Modifier> flags = method.getModifiers().getFlags();
        boolean isPublic = flags.contains(Modifier.PUBLIC) || inInterface && !flags.contains(Modifier.PRIVATE);
        if (!open || !isPublic || method.getReturnType() == null) {
            return; // not to be called from outside, or a constructor
        }
        String name = within.replace("#", "") + "." + method.getName();
        List<? extends VariableTree> parameters = method.getParameters();
        for (int i = 1; i < parameters.size(); i++) {
            if (isBoolean(parameters.get(i - 1)) && isBoolean(parameters.get(i))) {
                found.add(name + ": two booleans in a row");
            }
        }
        if (method.getBody() != null && !saysNull(method)) {
            new TreeScanner<Void, Void>() {
                @Override
                public Void visitReturn(ReturnTree statement, Void nothing) {
                    if (mayBeNull(statement.getExpression())) {
                        found.add(name + ": returns null");
                    }
                    return super.visitReturn(statement, nothing);
                }

                @Override
                public Void visitLambdaExpression(LambdaExpressionTree lambda, Void nothing) {
                    return null; // what it returns is not what the method returns
                }

                @Override
                public Void visitNewClass(NewClassTree anonymous, Void nothing) {
                    return null;
                }
            }.scan(method.getBody(), null);
        }
    }

    private static boolean saysNull(MethodTree method) {
        return method.getModifiers().getAnnotations().stream().map(AnnotationTree::getAnnotationType)
                .anyMatch(type -> type.toString().endsWith("Nullable"));
    }

    private static boolean isBoolean(VariableTree parameter) {
        return parameter.getType().toString().equals("boolean");
    }

    private static boolean mayBeNull(ExpressionTree expression) {
        if (expression instanceof ParenthesizedTree inner) {
            return mayBeNull(inner.getExpression());
        }
        if (expression instanceof ConditionalExpressionTree choice) {
            return mayBeNull(choice.getTrueExpression()) || mayBeNull(choice.getFalseExpression());
        }
        return expression != null && expression.getKind() == Tree.Kind.NULL_LITERAL;
    }
}
