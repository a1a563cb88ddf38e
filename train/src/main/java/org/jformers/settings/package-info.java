/** Settings as data: records seen as trees of named values, their JSON, and errors that name the nearest key. */
package org.jformers.settings;
