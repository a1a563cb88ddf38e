package org.jformers.hub;

import java.net.URI;

/**
 * A file on the hub.
 *
 * @param name its path inside the repository
 * @param address where to ask for it
 * @param etag name of its content
 * @param size bytes
 */
record RemoteFile(String name, URI address, Etag etag, long size) {}
