package org.jformers.hub;

/**
 * A file of a repository, as the hub lists it.
 *
 * @param path inside the repository
 * @param size bytes
 */
public record HubFile(String path, long size) {}
